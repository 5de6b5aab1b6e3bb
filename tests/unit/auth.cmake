inno_test(auth LABEL unit LINKS inno_auth)
