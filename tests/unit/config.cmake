if(TARGET inno_config)
  inno_test(config LABEL unit LINKS inno_config)
endif()
