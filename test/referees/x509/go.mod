module referee/x509

go 1.24
