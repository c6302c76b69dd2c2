"""Every Cypher statement, one a file; read by graph.statements."""
