package load

// The dialects in which a report can be made.
const (
	// Herd is IAMAT and WHATSAT.
	Herd = "herd"

	// RedisSet stores a client's place and time as the string of its id: a yardstick
	// that neither checks nor orders them.
	RedisSet = "redis-set"

	// RedisGeoAdd stores a client's place in one sorted set of all. Clients move with
	// each report whatever Options.IDs says, as Redis has less to do for one that
	// stays; where they are beyond the latitudes that it knows, they are at its last.
	RedisGeoAdd = "redis-geoadd"
)

// Dialects are what Options.Dialect takes.
var Dialects = []string{Herd, RedisSet, RedisGeoAdd}

// dialect is how a report is written, and its answer judged.
type dialect struct {
	// report appends to c.out what one of its clients says, with c.latest for the time.
	report func(d *driver, c *conn, own uint32)
	// judge says what a line, given with its end, is as the next of c's answers.
	judge func(c *conn, line []byte, now int64, otherClock bool) verdict
}

var dialects = map[string]dialect{
	Herd:        {(*driver).appendIAMAT, (*conn).judge},
	RedisSet:    {(*driver).appendSet, (*conn).judgeSet},
	RedisGeoAdd: {(*driver).appendGeoAdd, (*conn).judgeGeoAdd},
}

func (d *driver) appendIAMAT(c *conn, own uint32) {
	c.out = append(c.out, "IAMAT "...)
	c.out = append(appendID(c.out, c.people.client(own)), ' ')
	c.out = append(c.people.appendPlace(c.out, d.atlas, own), ' ')
	c.out = append(d.clock.append(c.out, c.latest), '\n')
}

// Redis is told the length of each text before it. Ours have always the same: an id 18, a
// latitude 10, a longitude 11, and a time 20 until the year 2286.
const latitudeDigits = 10

func (d *driver) appendSet(c *conn, own uint32) {
	c.out = appendID(append(c.out, "*3\r\n$3\r\nSET\r\n$18\r\n"...), c.people.client(own))
	c.out = append(c.people.appendPlace(append(c.out, "\r\n$42\r\n"...), d.atlas, own), ' ')
	c.out = append(d.clock.append(c.out, c.latest), "\r\n"...)
}

func (d *driver) appendGeoAdd(c *conn, own uint32) {
	var space [32]byte
	place := c.people.appendPlace(space[:0], d.atlas, own)
	latitude, longitude := place[:latitudeDigits], place[latitudeDigits:]
	const last = "85.050000"
	if string(latitude[1:]) > last {
		copy(latitude[1:], last)
	}
	c.out = append(append(c.out, "*5\r\n$6\r\nGEOADD\r\n$7\r\nclients\r\n$11\r\n"...), longitude...)
	c.out = append(append(c.out, "\r\n$10\r\n"...), latitude...)
	c.out = appendID(append(c.out, "\r\n$18\r\n"...), c.people.client(own))
	c.out = append(c.out, "\r\n"...)
}

func (c *conn) judgeSet(line []byte, _ int64, _ bool) verdict {
	if string(line) == "+OK\r\n" {
		return good
	}
	return wrong
}

// judgeGeoAdd takes the number of members that are new: 1 for a client's first report.
func (c *conn) judgeGeoAdd(line []byte, _ int64, _ bool) verdict {
	if text := string(line); text == ":0\r\n" || text == ":1\r\n" {
		return good
	}
	return wrong
}
