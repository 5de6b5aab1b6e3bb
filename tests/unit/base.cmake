inno_test(base LABEL unit LINKS inno_base)
inno_test(metrics LABEL unit LINKS inno_base)
