"""What leaves the house on paper: the weekly advocacy report, as pages to read, a workbook, and rows."""
