"""What the black-box tests share: a server, clients, the merchant server, processes, configurations."""
