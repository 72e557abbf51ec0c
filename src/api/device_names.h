/* SPDX-License-Identifier: Apache-2.0
 *
 * Which fields of a device can be asked for by name. Pure. */
#ifndef API_DEVICE_NAMES_H
#define API_DEVICE_NAMES_H

#include "base/slice.h"

/* Is this a field of a device, or a field within one: "cpu", "cpu.name"? */
bool device_name_is_known(struct slice name);

#endif
