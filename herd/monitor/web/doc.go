// Package web is the live page: the whole herd in a browser, as it works. A map with
// the clients, the servers and the links between them with the messages that travel
// there, what has happened, and a place to say IAMAT and WHATSAT.
//
// The page is served beside the herd, not by one of its servers: whoever has the page
// open makes it follow the HTTP port of each server (/live and /records of package
// monitor) and pass on what they say, merged into one stream of events. So it shows a
// server that is down as well as one that is up, and of either design. Nobody looking
// costs nobody anything.
//
//	GET  /          the page, and its scripts, style and atlas under it
//	GET  /events    what happens, as server-sent events
//	POST /say       lines for a server, as a client of it; the answer is the server's
//	POST /act       stop, kill, start a server; cut, mend a link: where there is a Stage
//
// It is for those on this machine. A request must name it by a loopback address or as
// localhost, so that no page of elsewhere can have a name of its own lead here; and
// one that changes anything must come from the page itself, with the token that is
// drawn anew for each run. What clients wrote is text everywhere, and nothing is
// loaded from elsewhere: Content-Security-Policy holds the browser to both.
package web
