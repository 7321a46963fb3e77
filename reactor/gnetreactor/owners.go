//go:build linux

package gnetreactor

// owners has what each open descriptor belongs to, by its number. It grows by pages:
// a slice that grew would be copied, which holds the loop where there are hundreds of
// thousands, and would leave garbage of several times its size.
type owners struct {
	pages []*[ownersPage]source
}

const ownersPage = 1 << 10

// set makes s the owner of fd; nil: nobody.
func (o *owners) set(fd int, s source) {
	for fd/ownersPage >= len(o.pages) {
		o.pages = append(o.pages, new([ownersPage]source))
	}
	o.pages[fd/ownersPage][fd%ownersPage] = s
}

// of is the owner of fd, nil if there is none.
func (o *owners) of(fd int) source {
	if page := uint(fd) / ownersPage; page < uint(len(o.pages)) {
		return o.pages[page][uint(fd)%ownersPage]
	}
	return nil
}

// all shows every owner, by its number.
func (o *owners) all(yield func(source) bool) {
	for _, page := range o.pages {
		for _, s := range page {
			if s != nil && !yield(s) {
				return
			}
		}
	}
}
