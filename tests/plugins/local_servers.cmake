# Types of `local` that live on a server: PostgreSQL and Redis, started for the test.
inno_test(local_postgres LABEL plugins LINKS inno_sdk inno_base inno_codec lib::pq ${CMAKE_DL_LIBS}
  SOURCES test_local_postgres.c fake_host.c ${CMAKE_SOURCE_DIR}/tests/support/pg.c)
find_library(SSL_LIBRARY ssl REQUIRED)
inno_test(local_redis LABEL plugins LINKS inno_sdk inno_base inno_codec ${SSL_LIBRARY} lib::crypto ${CMAKE_DL_LIBS}
  SOURCES test_local_redis.c rest_server.c fake_host.c)
foreach(name local_postgres local_redis)
  add_dependencies(test_${name} plugin_local)
endforeach()
