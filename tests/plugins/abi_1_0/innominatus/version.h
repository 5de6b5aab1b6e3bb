/* Version of the innominatus provisioner ABI and SDK. C99 and C++, no other header needed.
 *
 * The ABI is major.minor. Within a major version structs only grow at their tail; a host of 1.3 runs plugins of 1.0 to 1.n.
 * Another major version is refused before any code of the plugin runs. The SDK's version says nothing about compatibility.
 */
#ifndef INNOMINATUS_VERSION_H
#define INNOMINATUS_VERSION_H

#define INNO_ABI_MAJOR 1
#define INNO_ABI_MINOR 0

#define INNO_SDK_VERSION "1.0.0"

#endif
