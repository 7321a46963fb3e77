package sim

// reports are the AT lines of one fight. Each is read once, and seen many times: on
// links, by clients, in stores and on disks. So two reports are the same line if they
// are at one place.
type reports struct {
	future int64 // seconds
	read   map[string]*report
}

func newReports(future int64) reports {
	return reports{future: future, read: make(map[string]*report, leastCommands)}
}

// of is the report of a line, without its end. One that is no AT line has its fourth
// field for an id, and is not valid.
func (rs *reports) of(line []byte) *report {
	if r := rs.read[string(line)]; r != nil {
		return r
	}
	text := string(line)
	r, valid := parseReport(text, rs.future)
	if !valid {
		r = report{line: text, id: string(fieldOf(line, 3))}
	}
	r.valid = valid
	rs.read[text] = &r
	return &r
}

// text is a report's line, and empty if there is none.
func (r *report) text() string {
	if r == nil {
		return ""
	}
	return r.line
}
