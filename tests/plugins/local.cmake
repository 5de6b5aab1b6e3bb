# The bundled provisioner `local`, the renderer that plugins share, and the example that a product team builds out of the tree.
inno_test(kube_render LABEL plugins LINKS inno_plugin_kube inno_base inno_codec)
foreach(name local_plugin local_database)
  inno_test(${name} LABEL plugins LINKS inno_sdk inno_base inno_codec lib::sqlite ${CMAKE_DL_LIBS} SOURCES test_${name}.c fake_host.c)
  add_dependencies(test_${name} plugin_local)
endforeach()

# Both where they really run: in a host process with its sandbox.
add_library(test_plugin_payment_gateway MODULE ${CMAKE_SOURCE_DIR}/examples/payment-gateway-provisioner/src/provisioner.c
  ${CMAKE_SOURCE_DIR}/examples/payment-gateway-provisioner/src/http.c)
set_target_properties(test_plugin_payment_gateway PROPERTIES PREFIX "" OUTPUT_NAME payment-gateway C_VISIBILITY_PRESET hidden)
target_compile_definitions(test_plugin_payment_gateway PRIVATE _GNU_SOURCE)
target_link_libraries(test_plugin_payment_gateway PRIVATE inno_sdk inno_warnings)
inno_test(local_hosted LABEL plugins LINKS inno_plugin SOURCES test_local_hosted.c plugin_driver.c)
target_compile_definitions(test_local_hosted PRIVATE PLUGIN_DIR="${CMAKE_BINARY_DIR}/lib/innominatus/plugins" PLUGIN_HOST="$<TARGET_FILE:plugin-host>"
  GATEWAY="$<TARGET_FILE:test_plugin_payment_gateway>" PYTHON3="${PYTHON3}")
add_dependencies(test_local_hosted plugin_local plugin-host test_plugin_payment_gateway)

# The examples. The provisioner is built as a product team builds it: out of the tree, against the installed SDK alone.
set(example_prefix ${CMAKE_CURRENT_BINARY_DIR}/sdk-prefix)
set(example_flags "")
if(INNO_SANITIZE)
  set(example_flags "-fsanitize=${INNO_SANITIZE} -fno-sanitize-recover=all")
endif()
add_test(NAME plugins.example_sdk_install
  COMMAND ${CMAKE_COMMAND} -DCMAKE_INSTALL_PREFIX=${example_prefix} -P ${CMAKE_BINARY_DIR}/sdk/cmake_install.cmake)
set_tests_properties(plugins.example_sdk_install PROPERTIES LABELS plugins TIMEOUT 120 FIXTURES_SETUP sdk_prefix)
add_test(NAME plugins.example_out_of_tree
  COMMAND ${CMAKE_CTEST_COMMAND}
    --build-and-test ${CMAKE_SOURCE_DIR}/examples/payment-gateway-provisioner ${CMAKE_CURRENT_BINARY_DIR}/payment-gateway
    --build-generator ${CMAKE_GENERATOR} --build-project payment-gateway
    --build-options -DCMAKE_PREFIX_PATH=${example_prefix} -DCMAKE_BUILD_TYPE=Debug -DCMAKE_C_COMPILER=${CMAKE_C_COMPILER} "-DCMAKE_C_FLAGS=${example_flags}"
    --test-command ${CMAKE_CTEST_COMMAND} --verbose --no-tests=error)
set_tests_properties(plugins.example_out_of_tree PROPERTIES LABELS plugins TIMEOUT 300 FIXTURES_REQUIRED sdk_prefix)
add_test(NAME plugins.example_merchant_server COMMAND ${PYTHON3} ${CMAKE_SOURCE_DIR}/examples/merchant-server/test_merchant_server.py)
set_tests_properties(plugins.example_merchant_server PROPERTIES LABELS plugins TIMEOUT 300)
