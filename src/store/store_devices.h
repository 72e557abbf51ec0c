/* SPDX-License-Identifier: Apache-2.0
 *
 * The device inventory in the store: documents, with columns for what can be sorted or
 * filtered. (Contract is written by the owner of src/api.) */
#ifndef STORE_STORE_DEVICES_H
#define STORE_STORE_DEVICES_H

#include "store/store.h"

#endif
