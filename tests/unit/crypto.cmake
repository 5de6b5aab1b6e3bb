inno_test(crypto LABEL unit LINKS inno_crypto)
