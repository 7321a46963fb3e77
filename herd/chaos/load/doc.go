// Package load is the clients of a herd that is being hurt: reporters that move from
// server to server, share clients' ids with each other and give times that collide,
// and readers that write down what they are shown. Both keep their books with package
// account. They take it as it comes that servers vanish: a connection that ends is
// opened anew, at some server.
package load
