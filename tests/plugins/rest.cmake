# The REST kit that the bundled plugins share.
find_library(SSL_LIBRARY ssl REQUIRED)
inno_test(rest LABEL plugins LINKS inno_plugin_rest inno_base inno_codec ${SSL_LIBRARY} lib::crypto ${CMAKE_DL_LIBS} SOURCES test_rest.c rest_server.c fake_host.c)
