"""The pages that the social media team opens every morning."""
