RULE = None
