// Package neighbours are stand-ins for the neighbours of one real server: they say what
// neighbours say, count what comes, and do nothing else. So what an update costs a server
// can be measured with any number of neighbours on a machine of two cores.
//
// [Star] is the herd of such a server, [Dial] opens all its links, [Crowd.Run] sends
// updates, first over one link and copies of them over others, and [Crowd.Rest] watches
// links on which nothing happens. All of it runs in this process, whose processor time is
// not counted.
package neighbours
