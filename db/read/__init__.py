"""Reading: what each noun shows, who reads which rows, lists, and plans of one statement."""
