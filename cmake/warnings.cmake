# One set of warnings for everything that is ours; warnings are errors. Tables leave out the members of a row that are zero.
add_library(inno_warnings INTERFACE)
target_compile_options(inno_warnings INTERFACE
  -Wall -Wextra -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes -Wvla -Wformat=2
  -Wundef -Wpointer-arith -Wwrite-strings -Wno-missing-field-initializers -Werror)

# Hardening for optimised builds (sanitizers bring their own checks).
add_library(inno_hardening INTERFACE)
target_compile_options(inno_hardening INTERFACE -fstack-protector-strong -fno-strict-aliasing)
if(NOT INNO_SANITIZE)
  target_compile_options(inno_hardening INTERFACE
    $<$<NOT:$<CONFIG:Debug>>:-U_FORTIFY_SOURCE$<SEMICOLON>-D_FORTIFY_SOURCE=2> -fstack-clash-protection -fcf-protection)
  target_link_options(inno_hardening INTERFACE -Wl,-z,relro,-z,now,-z,noexecstack)
endif()
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
include(CheckPIESupported)
check_pie_supported()
