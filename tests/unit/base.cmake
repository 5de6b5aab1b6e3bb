inno_test(base LABEL unit LINKS inno_base)
