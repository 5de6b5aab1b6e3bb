inno_test(secret LABEL unit LINKS inno_secret)
