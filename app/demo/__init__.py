"""A fictional municipality to try Weerklank with: nobody in it exists."""
