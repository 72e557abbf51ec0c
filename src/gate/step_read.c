/* SPDX-License-Identifier: Apache-2.0
 *
 * Is it one message within limits? How one looks is the door's business. */
#include "gate/inside.h"

enum go
step_read(struct exchange *x)
{
    return x->door->read(x);
}
