"""The figures of advocacy, in words, in drawings and in tables, as the pages and the reports share them."""
