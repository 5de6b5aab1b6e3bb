inno_test(codec LABEL unit LINKS inno_codec SOURCES codec/test_codec.c)
inno_test(yaml LABEL unit LINKS inno_codec SOURCES codec/test_yaml.c)
