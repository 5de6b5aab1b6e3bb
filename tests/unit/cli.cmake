foreach(part args output yaml problem credentials)
  inno_test(cli_${part} LABEL unit LINKS inno_cli inno_bundled SOURCES cli/test_${part}.c)
endforeach()
