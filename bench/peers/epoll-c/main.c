/*
 * A server of IAMAT in C: one epoll loop, one thread, nothing between it and the
 * kernel. It is the practical limit that the bench measures the others against.
 *
 *	cc -std=c11 -O3 -Wall -Wextra -Werror -o epoll-c main.c
 *	./epoll-c NAME HOST PORT
 *
 * It does the whole job of a herd's server that has no neighbours: it reads lines,
 * checks them by the grammar of docs/protocol.md, keeps each client's newest report
 * by the herd's order, and answers with the exact difference of the clocks. It has no
 * upstream: WHATSAT is answered with the client's AT line and one line of JSON that
 * says so. It writes no log. Its table doubles at once, so that one client waits for
 * that; and it knows no bound on its records but the machine's memory.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
	LONGEST_LINE = 16384,  /* of a client, without its end */
	FUTURE = 300,          /* seconds that a client's clock may count ahead */
	READ_SIZE = 64 << 10,  /* bytes taken from a client at once */
	OUT_SIZE = 128 << 10,  /* answers are sent when so many bytes have gathered */
	EVENTS = 512,
};

struct text {
	const char *at;
	size_t len;
};

struct instant {
	int64_t sec;
	int32_t nsec; /* 0 to 999,999,999 */
};

/* ---- the grammar ------------------------------------------------------------- */

static bool is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* next_field cuts the first field off what is left of a line. */
static struct text next_field(const char **at, const char *end)
{
	const char *p = *at;
	while (p < end && is_space(*p))
		p++;
	struct text field = {p, 0};
	while (p < end && !is_space(*p))
		p++;
	field.len = (size_t)(p - field.at);
	*at = p;
	return field;
}

static bool is(struct text t, const char *word)
{
	return t.len == strlen(word) && memcmp(t.at, word, t.len) == 0;
}

static int compare(struct text a, struct text b)
{
	int c = memcmp(a.at, b.at, a.len < b.len ? a.len : b.len);
	return c != 0 ? c : (a.len > b.len) - (a.len < b.len);
}

/* degrees reads a signed number within a bound and returns its length, 0 if there is
 * none. The texts are compared digit by digit, so that they may be of any length. */
static size_t degrees(const char *p, size_t len, int bound)
{
	if (len == 0 || (p[0] != '+' && p[0] != '-'))
		return 0;
	int whole = 0;
	size_t n = 1;
	for (; n < len && is_digit(p[n]); n++)
		if ((whole = whole * 10 + (p[n] - '0')) > bound)
			return 0;
	if (n == 1)
		return 0;
	if (n == len || p[n] != '.')
		return n;
	size_t point = n++;
	bool more = false;
	for (; n < len && is_digit(p[n]); n++)
		more |= p[n] != '0';
	return n > point + 1 && (whole < bound || !more) ? n : 0;
}

static bool is_location(struct text t)
{
	size_t latitude = degrees(t.at, t.len, 90);
	return latitude > 0 && latitude < t.len &&
	       degrees(t.at + latitude, t.len - latitude, 180) == t.len - latitude;
}

/* parse_time reads 1 to 12 digits and perhaps a point and 1 to 9 more. */
static bool parse_time(struct text t, struct instant *out)
{
	size_t n = 0;
	int64_t sec = 0;
	for (; n < t.len && is_digit(t.at[n]); n++) {
		if (n == 12)
			return false;
		sec = sec * 10 + (t.at[n] - '0');
	}
	if (n == 0)
		return false;
	int32_t nsec = 0;
	if (n < t.len) {
		size_t digits = t.len - n - 1;
		if (t.at[n] != '.' || digits < 1 || digits > 9)
			return false;
		for (n++; n < t.len; n++) {
			if (!is_digit(t.at[n]))
				return false;
			nsec = nsec * 10 + (t.at[n] - '0');
		}
		for (; digits < 9; digits++)
			nsec *= 10;
	}
	*out = (struct instant){sec, nsec};
	return true;
}

/* is_decimal says whether a text is digits and perhaps a point and digits. */
static bool is_decimal(struct text t)
{
	size_t n = 0;
	while (n < t.len && is_digit(t.at[n]))
		n++;
	if (n == 0 || n == t.len)
		return n > 0;
	if (t.at[n] != '.' || n + 1 == t.len)
		return false;
	for (n++; n < t.len; n++)
		if (!is_digit(t.at[n]))
			return false;
	return true;
}

/* is_limit says whether a text is a whole number from 0 to 100. */
static bool is_limit(struct text t)
{
	int value = 0;
	for (size_t n = 0; n < t.len; n++) {
		if (!is_digit(t.at[n]) || (value = value * 10 + (t.at[n] - '0')) > 100)
			return false;
	}
	return t.len > 0;
}

/* ---- the records ------------------------------------------------------------- */

/* record is a client's newest report: after it stand the id, the location, the time
 * and the difference, without anything between them. */
struct record {
	struct instant client, effective;
	uint32_t room; /* bytes of text there is place for */
	uint16_t id, location, time, difference;
	char text[];
};

static struct slot {
	uint32_t hash; /* half of it, to pass by most other clients' records unseen */
	struct record *record;
} *table;
static size_t table_size, table_used;
static uint64_t seed;

/* hash_of is a multiplication for each eight bytes (as in wyhash), with a seed that no
 * client knows. */
static uint64_t hash_of(struct text t)
{
	const uint64_t prime = 0xa0761d6478bd642full;
	uint64_t h = seed ^ t.len;
	const char *p = t.at;
	size_t left = t.len;
	for (; left >= 8; p += 8, left -= 8) {
		uint64_t word;
		memcpy(&word, p, 8);
		__uint128_t product = (__uint128_t)(h ^ word) * prime;
		h = (uint64_t)product ^ (uint64_t)(product >> 64);
	}
	uint64_t word = 0;
	memcpy(&word, p, left);
	__uint128_t product = (__uint128_t)(h ^ word ^ prime) * prime;
	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static void *must(void *p)
{
	if (p == NULL) {
		fputs("epoll-c: there is no memory left\n", stderr);
		exit(1);
	}
	return p;
}

/* find returns the slot of a client, or the empty one where it would be. */
static struct slot *find(struct text id, uint64_t hash)
{
	for (size_t i = hash & (table_size - 1);; i = (i + 1) & (table_size - 1)) {
		struct slot *s = &table[i];
		if (s->record == NULL || (s->hash == (uint32_t)(hash >> 32) && s->record->id == id.len &&
					  memcmp(s->record->text, id.at, id.len) == 0))
			return s;
	}
}

static void grow_table(void)
{
	struct slot *old = table;
	size_t old_size = table_size;
	table_size = old_size == 0 ? 1 << 16 : 2 * old_size;
	table = must(calloc(table_size, sizeof *table));
	for (size_t i = 0; i < old_size; i++) {
		if (old[i].record != NULL) {
			struct record *r = old[i].record;
			*find((struct text){r->text, r->id}, hash_of((struct text){r->text, r->id})) = old[i];
		}
	}
	free(old);
}

static int compare_instants(struct instant a, struct instant b)
{
	if (a.sec != b.sec)
		return a.sec < b.sec ? -1 : 1;
	return (a.nsec > b.nsec) - (a.nsec < b.nsec);
}

struct report {
	struct text id, location, time, difference;
	struct instant client, effective;
};

/* newer is the herd's order of two reports of one client at one server. */
static bool newer(const struct report *a, const struct record *b)
{
	int c = compare_instants(a->effective, b->effective);
	if (c == 0)
		c = compare_instants(a->client, b->client);
	const char *p = b->text + b->id;
	if (c == 0)
		c = compare(a->location, (struct text){p, b->location});
	if (c == 0)
		c = compare(a->time, (struct text){p + b->location, b->time});
	if (c == 0)
		c = compare(a->difference, (struct text){p + b->location + b->time, b->difference});
	return c > 0;
}

static char *put(char *to, struct text t)
{
	memcpy(to, t.at, t.len);
	return to + t.len;
}

static void keep(const struct report *a)
{
	uint64_t hash = hash_of(a->id);
	struct slot *s = find(a->id, hash);
	if (s->record != NULL && !newer(a, s->record))
		return;
	size_t needed = a->id.len + a->location.len + a->time.len + a->difference.len;
	if (s->record == NULL) {
		if (++table_used > table_size / 2) {
			grow_table();
			s = find(a->id, hash);
		}
		s->hash = (uint32_t)(hash >> 32);
	}
	if (s->record == NULL || s->record->room < needed) {
		free(s->record);
		s->record = must(malloc(sizeof *s->record + needed));
		s->record->room = (uint32_t)needed;
	}
	struct record *r = s->record;
	r->client = a->client;
	r->effective = a->effective;
	r->id = (uint16_t)a->id.len;
	r->location = (uint16_t)a->location.len;
	r->time = (uint16_t)a->time.len;
	r->difference = (uint16_t)a->difference.len;
	put(put(put(put(r->text, a->id), a->location), a->time), a->difference);
}

/* ---- the answers ------------------------------------------------------------- */

static struct text name;

/* write_difference writes a - b with its sign and nine decimals; to must have 32 bytes. */
static size_t write_difference(char *to, struct instant a, struct instant b)
{
	int64_t sec = a.sec - b.sec, nsec = (int64_t)a.nsec - b.nsec;
	/* One of the two may be below zero: bring both to the sign of the whole. */
	if (sec > 0 && nsec < 0) {
		sec--;
		nsec += 1000000000;
	} else if (sec < 0 && nsec > 0) {
		sec++;
		nsec -= 1000000000;
	}
	char *p = to;
	*p++ = sec < 0 || nsec < 0 ? '-' : '+';
	uint64_t whole = (uint64_t)(sec < 0 ? -sec : sec);
	uint32_t part = (uint32_t)(nsec < 0 ? -nsec : nsec);
	char digits[20];
	int n = 0;
	do
		digits[n++] = (char)('0' + whole % 10);
	while ((whole /= 10) > 0);
	while (n > 0)
		*p++ = digits[--n];
	*p++ = '.';
	for (int i = 8; i >= 0; i--, part /= 10)
		p[i] = (char)('0' + part % 10);
	return (size_t)(p + 9 - to);
}

static char *put_at(char *out, struct text difference, struct text id, struct text location, struct text time)
{
	out = put(put(out, (struct text){"AT ", 3}), name);
	const struct text rest[] = {difference, id, location, time};
	for (size_t i = 0; i < 4; i++) {
		*out++ = ' ';
		out = put(out, rest[i]);
	}
	*out++ = '\n';
	return out;
}

static char *answer_iamat(char *out, struct report *a, struct instant now)
{
	char difference[32];
	a->difference = (struct text){difference, write_difference(difference, now, a->client)};
	struct instant latest = {now.sec + FUTURE, now.nsec};
	a->effective = compare_instants(a->client, latest) < 0 ? a->client : latest;
	keep(a);
	return put_at(out, a->difference, a->id, a->location, a->time);
}

static char *answer_whatsat(char *out, const struct record *r)
{
	static const char none[] = "{\"error\":\"this server has no upstream\"}\n";
	const char *p = r->text;
	struct text id = {p, r->id}, location = {p + r->id, r->location};
	struct text time = {location.at + r->location, r->time};
	struct text difference = {time.at + r->time, r->difference};
	out = put_at(out, difference, id, location, time);
	return put(out, (struct text){none, sizeof none - 1});
}

/* answer writes the answer to one line, given without its end. It needs room for the
 * line and 512 bytes more, or for two longest lines of ours if it is a WHATSAT. */
static char *answer(char *out, struct text line, struct instant now)
{
	const char *at = line.at, *end = line.at + line.len;
	struct text verb = next_field(&at, end), id = next_field(&at, end);
	struct text third = next_field(&at, end), fourth = next_field(&at, end);
	if (fourth.len > 0 && next_field(&at, end).len == 0) {
		if (is(verb, "IAMAT")) {
			struct report a = {.id = id, .location = third, .time = fourth};
			if (is_location(third) && parse_time(fourth, &a.client))
				return answer_iamat(out, &a, now);
		} else if (is(verb, "WHATSAT") && is_decimal(third) && is_limit(fourth)) {
			struct slot *s = find(id, hash_of(id));
			if (s->record != NULL)
				return answer_whatsat(out, s->record);
		}
	}
	out = put(put(out, (struct text){"? ", 2}), line);
	*out++ = '\n';
	return out;
}

/* is_http says whether a line ends as a browser's first one does. */
static bool is_http(struct text line)
{
	static const char version[] = " HTTP/1.";
	while (line.len > 0 && is_space(line.at[line.len - 1]))
		line.len--;
	size_t n = sizeof version; /* with the digit behind it */
	return line.len >= n && is_digit(line.at[line.len - 1]) &&
	       memcmp(line.at + line.len - n, version, n - 1) == 0;
}

/* ---- the connections --------------------------------------------------------- */

/* client is a connection. Its two buffers exist only while something is in them. */
struct client {
	int fd;
	bool begun, ending;       /* has had a line; is closed once its answers are sent */
	char *partial;            /* the beginning of a line */
	char *unsent;             /* answers that the socket did not take; nothing is read then */
	uint32_t partial_len, unsent_from, unsent_len;
};

static int epoll_fd;
static struct client listener;
static bool deaf; /* no connection is taken: there are no descriptors left */
static char in_buffer[LONGEST_LINE + READ_SIZE], out_buffer[OUT_SIZE + 4 * LONGEST_LINE];

static void watch(struct client *c, int op, uint32_t events)
{
	struct epoll_event e = {.events = events, .data.ptr = c};
	if (epoll_ctl(epoll_fd, op, c->fd, &e) < 0) {
		perror("epoll-c: epoll_ctl");
		exit(1);
	}
}

static void drop(struct client *c)
{
	close(c->fd); /* epoll forgets it too */
	free(c->partial);
	free(c->unsent);
	free(c);
	if (deaf) {
		deaf = false;
		watch(&listener, EPOLL_CTL_MOD, EPOLLIN);
	}
}

/* send_all sends what it can, and keeps the rest. It returns false if the client is gone. */
static bool send_all(struct client *c, const char *from, size_t len)
{
	while (len > 0 && c->unsent == NULL) {
		ssize_t n = write(c->fd, from, len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno != EAGAIN)
			return false;
		if (n < 0)
			break;
		from += n;
		len -= (size_t)n;
	}
	if (len == 0)
		return true;
	/* Only the answers of what one read brought can come to lie here: nothing
	 * more is read before they are sent. */
	bool first = c->unsent == NULL;
	c->unsent = must(realloc(c->unsent, c->unsent_len + len));
	memcpy(c->unsent + c->unsent_len, from, len);
	c->unsent_len += (uint32_t)len;
	if (first)
		watch(c, EPOLL_CTL_MOD, EPOLLOUT);
	return true;
}

/* answer_lines answers all whole lines between two places, and the rest too if no more
 * will come. It returns where it stopped, or NULL if the client is gone. */
static const char *answer_lines(struct client *c, const char *at, const char *end, bool last)
{
	struct timespec clock;
	clock_gettime(CLOCK_REALTIME, &clock);
	struct instant now = {clock.tv_sec, (int32_t)clock.tv_nsec};
	char *out = out_buffer;
	while (at < end && !c->ending) {
		const char *lf = memchr(at, '\n', (size_t)(end - at));
		if (lf == NULL && !last && end - at <= LONGEST_LINE)
			break;
		size_t len = (size_t)((lf == NULL ? end : lf) - at);
		if (len > LONGEST_LINE) {
			out += sprintf(out, "? line longer than %d bytes\n", LONGEST_LINE);
			c->ending = true;
			break;
		}
		struct text line = {at, len};
		if (line.len > 0 && line.at[line.len - 1] == '\r')
			line.len--;
		if (!c->begun && is_http(line)) {
			out = put(put(out, (struct text){"? ", 2}), line);
			*out++ = '\n';
			c->ending = true;
		} else {
			out = answer(out, line, now);
		}
		c->begun = true;
		at = lf == NULL ? end : lf + 1;
		if (out - out_buffer >= OUT_SIZE) {
			if (!send_all(c, out_buffer, (size_t)(out - out_buffer)))
				return NULL;
			out = out_buffer;
		}
	}
	return send_all(c, out_buffer, (size_t)(out - out_buffer)) ? at : NULL;
}

/* readable takes what a client has sent. It returns false if the connection is over. */
static bool readable(struct client *c)
{
	size_t before = c->partial_len;
	memcpy(in_buffer, c->partial == NULL ? in_buffer : c->partial, before);
	ssize_t n = read(c->fd, in_buffer + before, READ_SIZE);
	if (n < 0)
		return errno == EAGAIN || errno == EINTR;
	const char *end = in_buffer + before + n;
	const char *rest = answer_lines(c, in_buffer, end, n == 0);
	if (rest == NULL)
		return false;
	if (n == 0)
		c->ending = true;
	if (c->ending)
		return c->unsent != NULL;
	size_t left = (size_t)(end - rest);
	if (left == 0) {
		free(c->partial);
		c->partial = NULL;
	} else {
		c->partial = must(realloc(c->partial, left));
		memcpy(c->partial, rest, left);
	}
	c->partial_len = (uint32_t)left;
	return true;
}

/* writable sends what waits. It returns false if the connection is over. */
static bool writable(struct client *c)
{
	ssize_t n = write(c->fd, c->unsent + c->unsent_from, c->unsent_len - c->unsent_from);
	if (n < 0)
		return errno == EAGAIN || errno == EINTR;
	c->unsent_from += (uint32_t)n;
	if (c->unsent_from < c->unsent_len)
		return true;
	free(c->unsent);
	c->unsent = NULL;
	c->unsent_from = c->unsent_len = 0;
	if (c->ending)
		return false;
	watch(c, EPOLL_CTL_MOD, EPOLLIN);
	return true;
}

static void accept_all(void)
{
	int fd;
	while ((fd = accept4(listener.fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
		int on = 1;
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
		struct client *c = must(calloc(1, sizeof *c));
		c->fd = fd;
		watch(c, EPOLL_CTL_ADD, EPOLLIN);
	}
	if (errno == EMFILE || errno == ENFILE) {
		deaf = true; /* until a connection ends */
		watch(&listener, EPOLL_CTL_MOD, 0);
	}
}

static int listen_on(const char *host, const char *port)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(port))};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), on = 1;
	if (inet_pton(AF_INET, host, &address.sin_addr) != 1 || fd < 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) < 0 ||
	    bind(fd, (struct sockaddr *)&address, sizeof address) < 0 || listen(fd, SOMAXCONN) < 0) {
		perror("epoll-c: listening");
		exit(1);
	}
	return fd;
}

int main(int argc, char **argv)
{
	if (argc != 4) {
		fputs("usage: epoll-c NAME HOST PORT\n", stderr);
		return 2;
	}
	name = (struct text){argv[1], strlen(argv[1])};
	signal(SIGPIPE, SIG_IGN);
	struct rlimit files;
	getrlimit(RLIMIT_NOFILE, &files);
	files.rlim_cur = files.rlim_max;
	setrlimit(RLIMIT_NOFILE, &files);
	struct timespec clock;
	clock_gettime(CLOCK_REALTIME, &clock);
	seed = (uint64_t)clock.tv_nsec * 0x9e3779b97f4a7c15ull ^ (uint64_t)getpid() << 32;
	grow_table();
	listener.fd = listen_on(argv[2], argv[3]);
	epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	watch(&listener, EPOLL_CTL_ADD, EPOLLIN);
	for (;;) {
		static struct epoll_event events[EVENTS];
		int n = epoll_wait(epoll_fd, events, EVENTS, -1);
		for (int i = 0; i < n; i++) {
			struct client *c = events[i].data.ptr;
			if (c == &listener)
				accept_all();
			else if (!(c->unsent != NULL ? writable(c) : readable(c)))
				drop(c);
		}
	}
}
