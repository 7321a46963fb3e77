// Package hosts shows a herd on five machines: five network namespaces, each with its
// own addresses and its own /etc/hosts, on one bridge. Servers know each other by name
// alone. Links are cut, both ways and one way, and healed; a machine moves to another
// address, and the others find it there. There is nothing in it but this test:
//
//	make hosts
package hosts
