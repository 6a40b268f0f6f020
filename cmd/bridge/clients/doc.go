// Package clients knows the programs that speak MCP: where each keeps its
// configuration on each operating system, and how a server is written there.
//
// A [Client] is a row of one table. [Client.Place] says which file a scope has,
// [Client.Put] and [Client.Remove] edit its text, and [Client.Servers] reads
// what is in it. [Snippets] are the same entries for people to paste, so that
// what is printed and what is written can't differ.
//
// Files belong to their users. An edit changes the text of the one entry and
// nothing else: comments, order, indentation, line ends and keys that nobody
// here knows stay as they are. Each edit is checked before anyone sees it: the
// file is read again, and whatever was not to change must be equal, else the
// edit is refused and the file stays. [Read] and [File.Write] keep the file's
// mode, follow links, write beside the file and rename, and leave a backup.
//
// [Import] turns the servers that clients have into sources of a bridge.yaml.
// Secrets become references to environment variables on the way.
package clients
