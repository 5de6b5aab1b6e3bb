# The SDK as third parties use it: its headers alone and twice, in every language standard, and an installed copy from another place.
inno_test(plugin_helpers LABEL plugins LINKS inno_sdk inno_base SOURCES test_plugin_helpers.c)
inno_test(plugin_bundled LABEL plugins LINKS inno_plugin inno_bundled SOURCES test_plugin_bundled.c plugin_driver.c)
target_compile_definitions(test_plugin_bundled PRIVATE PLUGIN_DIR="${BAD_DIR}" PLUGIN_HOST="$<TARGET_FILE:plugin-host>")
add_dependencies(test_plugin_bundled plugin-host)

find_package(Python3 REQUIRED COMPONENTS Interpreter)
add_test(NAME plugins.sdk COMMAND ${Python3_EXECUTABLE} -m pytest -q -p no:cacheprovider ${CMAKE_CURRENT_SOURCE_DIR}/test_sdk.py WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
add_test(NAME plugins.abi COMMAND ${Python3_EXECUTABLE} -m pytest -q -p no:cacheprovider ${CMAKE_CURRENT_SOURCE_DIR}/test_abi.py WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
set_tests_properties(plugins.sdk plugins.abi PROPERTIES LABELS plugins TIMEOUT 300 ENVIRONMENT
  "INNO_SOURCE=${CMAKE_SOURCE_DIR};INNO_BUILD=${CMAKE_BINARY_DIR};CC=${CMAKE_C_COMPILER}")
