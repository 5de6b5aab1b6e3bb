inno_test(net LABEL unit LINKS inno_net SOURCES net/test_net.c)
