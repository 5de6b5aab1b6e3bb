inno_test(secret LABEL unit LINKS inno_secret)
inno_test(secret_postgres LABEL store LINKS inno_secret SOURCES test_secret.c ${CMAKE_SOURCE_DIR}/tests/support/pg.c)
target_compile_definitions(test_secret_postgres PRIVATE TEST_POSTGRES=1)
inno_test(redact LABEL unit LINKS inno_secret)
find_package(Python3 REQUIRED COMPONENTS Interpreter)
inno_test(secret_vault LABEL unit LINKS inno_secret ENVIRONMENT INNO_BUILD_DIR=${CMAKE_BINARY_DIR}
  UNDER ${Python3_EXECUTABLE} -B ${CMAKE_SOURCE_DIR}/tests/support/openbao.py SOURCES test_secret_vault.c ${CMAKE_SOURCE_DIR}/tests/support/pg.c)
