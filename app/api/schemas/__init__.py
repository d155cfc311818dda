"""What goes in and out of the API as JSON, one file per resource."""
