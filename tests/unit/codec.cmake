inno_test(codec LABEL unit LINKS inno_codec SOURCES codec/test_codec.c)
inno_test(yaml LABEL unit LINKS inno_codec SOURCES codec/test_yaml.c)
inno_test(interpolate LABEL unit LINKS inno_codec SOURCES codec/test_interpolate.c)
inno_test(schema LABEL unit LINKS inno_codec SOURCES codec/test_schema.c)
