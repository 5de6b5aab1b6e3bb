# The bundled provisioner `terraform` with the real tool, where there is one.
foreach(name terraform terraform_steps)
  inno_test(${name} LABEL plugins LINKS inno_plugin SOURCES test_${name}.c terraform_rig.c plugin_driver.c)
  target_compile_definitions(test_${name} PRIVATE PLUGIN_DIR="${CMAKE_BINARY_DIR}/lib/innominatus/plugins" PLUGIN_HOST="$<TARGET_FILE:plugin-host>"
    PYTHON3="${PYTHON3}")
  add_dependencies(test_${name} plugin_terraform plugin-host)
  # the same with OpenTofu, where it is on PATH
  add_test(NAME plugins.${name}_tofu COMMAND test_${name} WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
  set_tests_properties(plugins.${name}_tofu PROPERTIES LABELS plugins TIMEOUT 1200 ENVIRONMENT INNO_TF_PROGRAM=tofu)
endforeach()
