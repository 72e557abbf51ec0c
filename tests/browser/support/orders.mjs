// SPDX-License-Identifier: Apache-2.0
//
// The description of a small API that stands behind the house.
export const ORDERS = `openapi: 3.1.0
info: {title: Orders, version: '2'}
servers: [{url: https://api.example.com/v2}]
paths:
  /orders:
    get: {summary: Lists orders, tags: [Orders], x-tokenhouse: {permissions: ['Orders:View']}}
    post: {summary: Places an order, tags: [Orders], x-tokenhouse: {permissions: ['Orders:Manage'], when: [{query: express, permissions: ['Orders:Express']}]}}
  /orders/{id}:
    get: {summary: Reads an order, tags: [Orders], x-tokenhouse: {permissions: ['Orders:View']}}
    put: {summary: Changes an order, tags: [Orders], x-tokenhouse: {permissions: ['Orders:Manage']}}
    delete: {summary: Deletes an order for good, tags: [Orders]}
  /orders/{id}.pdf:
    get: {summary: The invoice, tags: [Orders], x-tokenhouse: {permissions: []}}
`;
