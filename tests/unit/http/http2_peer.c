/* SPDX-License-Identifier: Apache-2.0
 *
 * Keeps what comes back, stream by stream. */
#include "http2_peer.h"

struct answer *
answer_of(struct peer *peer, int32_t id)
{
    assert_in_range(id, 1, 2 * STREAM_MAX_COUNT - 1);
    return &peer->answers[id / 2];
}

static ssize_t
on_send(nghttp2_session *session, const uint8_t *at, size_t len, int flags, void *user)
{
    struct peer *peer = user;

    (void)session;
    (void)flags;
    return client_send(&peer->client, at, len) ? (ssize_t)len
                                               : NGHTTP2_ERR_CALLBACK_FAILURE;
}

static int
on_header(nghttp2_session *session, const nghttp2_frame *frame, const uint8_t *name,
          size_t name_len, const uint8_t *value, size_t value_len, uint8_t flags,
          void *user)
{
    (void)session;
    (void)value_len;
    (void)flags;
    if (name_len == 7 && memcmp(name, ":status", 7) == 0)
        answer_of(user, frame->hd.stream_id)->status =
            (int)strtol((const char *)value, NULL, 10);
    return 0;
}

static int
on_data(nghttp2_session *session, uint8_t flags, int32_t id, const uint8_t *at,
        size_t len, void *user)
{
    struct answer *answer = answer_of(user, id);

    (void)session;
    (void)flags;
    if (!answer->body)
        answer->body = calloc(1, BODY_MAX_BYTES);
    assert_true(answer->len + len < BODY_MAX_BYTES);
    memcpy(answer->body + answer->len, at, len);
    answer->len += len;
    return 0;
}

static int
on_close(nghttp2_session *session, int32_t id, uint32_t error, void *user)
{
    struct answer *answer = answer_of(user, id);

    (void)session;
    answer->is_closed = true;
    answer->error = error;
    return 0;
}

static int
on_frame(nghttp2_session *session, const nghttp2_frame *frame, void *user)
{
    struct peer *peer = user;

    (void)session;
    if (frame->hd.type == NGHTTP2_GOAWAY) {
        peer->has_goaway = true;
        peer->goaway_error = frame->goaway.error_code;
    }
    for (size_t i = 0; frame->hd.type == NGHTTP2_SETTINGS && i < frame->settings.niv;
         i++) {
        const nghttp2_settings_entry *entry = &frame->settings.iv[i];
        if (entry->settings_id == NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS)
            peer->max_streams = entry->value;
        if (entry->settings_id == NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE)
            peer->max_header_list = entry->value;
    }
    return 0;
}

struct peer *
peer_open_with(const struct house *house, const nghttp2_option *option)
{
    struct peer *peer = calloc(1, sizeof(*peer));
    nghttp2_session_callbacks *callbacks = NULL;

    peer->client = client_open_as(house->port, NULL, true, "\x02h2");
    assert_true(peer->client.fd >= 0);
    nghttp2_session_callbacks_new(&callbacks);
    nghttp2_session_callbacks_set_send_callback(callbacks, on_send);
    nghttp2_session_callbacks_set_on_header_callback(callbacks, on_header);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, on_data);
    nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, on_close);
    nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, on_frame);
    nghttp2_session_client_new2(&peer->session, callbacks, peer, option);
    nghttp2_session_callbacks_del(callbacks);
    nghttp2_submit_settings(peer->session, NGHTTP2_FLAG_NONE, NULL, 0);
    return peer;
}

struct peer *
peer_open(const struct house *house)
{
    return peer_open_with(house, NULL);
}

void
peer_close(struct peer **peer)
{
    for (int i = 0; i < STREAM_MAX_COUNT; i++)
        free((*peer)->answers[i].body);
    nghttp2_session_del((*peer)->session);
    client_close(&(*peer)->client);
    free(*peer);
    *peer = NULL;
}

void
peer_run(struct peer *peer, int32_t id, int wait_ms)
{
    static uint8_t bytes[65536];

    while (!(id && answer_of(peer, id)->is_closed)) {
        if (nghttp2_session_send(peer->session) != 0) {
            peer->has_ended = true;
            return;
        }
        long got = client_receive(&peer->client, bytes, sizeof(bytes), wait_ms);
        if (got < 0)
            return;
        peer->has_ended = got == 0;
        if (got == 0 || nghttp2_session_mem_recv(peer->session, bytes, (size_t)got) < 0)
            return;
    }
}

static ssize_t
read_upload(nghttp2_session *session, int32_t id, uint8_t *out, size_t room,
            uint32_t *flags, nghttp2_data_source *source, void *user)
{
    struct peer *peer = user;
    size_t left = peer->upload_len - peer->upload_at;
    size_t len = left < room ? left : room;

    (void)session;
    (void)id;
    (void)source;
    memcpy(out, peer->upload + peer->upload_at, len);
    peer->upload_at += len;
    if (len == left && !peer->is_upload_held)
        *flags |= NGHTTP2_DATA_FLAG_EOF;
    if (len == 0 && peer->is_upload_held)
        return NGHTTP2_ERR_DEFERRED;
    return (ssize_t)len;
}

int32_t
submit(struct peer *peer, const char *method, const char *path, const char *authority,
       const nghttp2_nv *more, size_t more_count, bool has_body)
{
    nghttp2_nv fields[512];
    size_t count = 0;
    nghttp2_data_provider upload = {.read_callback = read_upload};

    if (method)
        fields[count++] = (nghttp2_nv)FIELD(":method", method);
    if (path)
        fields[count++] = (nghttp2_nv)FIELD(":path", path);
    fields[count++] = (nghttp2_nv)FIELD(":scheme", "https");
    if (authority)
        fields[count++] = (nghttp2_nv)FIELD(":authority", authority);
    for (size_t i = 0; i < more_count; i++)
        fields[count++] = more[i];
    peer->upload_at = 0;
    int32_t id = nghttp2_submit_request(peer->session, NULL, fields, count,
                                        has_body ? &upload : NULL, NULL);
    assert_true(id > 0);
    return id;
}

struct answer *
fetch(struct peer *peer, const char *method, const char *path, bool has_body)
{
    int32_t id = submit(peer, method, path, "a", NULL, 0, has_body);

    peer_run(peer, id, 3000);
    assert_true(answer_of(peer, id)->is_closed);
    return answer_of(peer, id);
}

void
h2_init(struct house *house)
{
    house_init(house);
    house->shared.tls = test_tls();
}
