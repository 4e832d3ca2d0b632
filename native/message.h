/* Messages between processes of ours, with a descriptor that comes along. */
#ifndef GLOVEBOX_MESSAGE_H
#define GLOVEBOX_MESSAGE_H

#include <stddef.h>
#include <sys/types.h>

/* One message with at most one descriptor (-1: none). receive: its length, 0 at the peer's end, -1 and errno. */
int gb_send_message(int socket, const void *message, size_t length, int descriptor);
ssize_t gb_receive_message(int socket, void *message, size_t room, int *descriptor, int flags);

#endif
