public import Foundations

/// One thing that a plugin asks for beyond what was granted.
public struct PermissionRequest: Sendable, Equatable {
    /// Which part of the permissions, for example `egress`.
    public let permission: String
    public let granted: JSON
    public let asked: JSON
    /// For a person.
    public let words: String

    public var json: JSON {
        [
            "permission": .string(permission), "granted": granted, "asked": asked, "words": .string(words),
        ]
    }
}

extension Permissions {
    /// What this asks for beyond another grant, exactly; empty when it asks for the same or less.
    public func beyond(_ granted: Permissions) -> [PermissionRequest] {
        var found: [PermissionRequest] = []
        func note(_ permission: String, _ old: JSON, _ new: JSON, _ words: String) {
            found.append(PermissionRequest(permission: permission, granted: old, asked: new, words: words))
        }
        if kind != granted.kind {
            note("kind", .string(granted.kind), .string(kind), "It was a \(granted.kind) and is a \(kind) now.")
        }
        if sees != granted.sees {
            note("sees", .string(granted.sees), .string(sees), "It saw \(granted.sees) and wants to see \(sees).")
        }
        // Every list of system calls has that of C in it.
        if language != granted.language, language != "c" {
            note(
                "language", .string(granted.language), .string(language),
                "It made the system calls of a program in \(granted.language) and wants those of \(language).")
        }
        for companion in companions where !granted.companions.contains(companion) {
            note("companions", nil, .string(companion), "It wants the companion \(companion) of masked columns.")
        }
        for name in relay where !granted.relay.contains(name) {
            note("relay", nil, .string(name), "It wants to be connected to a \(name) database.")
        }
        for name in schemes where !granted.schemes.contains(name) {
            note("schemes", nil, .string(name), "It wants to read the sources that a run names by \(name):.")
        }
        if needsNoBytes, !granted.needsNoBytes {
            note("metadata", nil, "none", "It wants to be used by runs in metadata_only, without a byte of a source.")
        }
        if takesPlace, !granted.takesPlace {
            note(
                "takes_place", nil, true, "It wants the place of the \(kind) of the same id that ships with Sluice.")
        }
        for name in extensions where !granted.extensions.contains(name) {
            note("extensions", nil, .string(name), "It wants to use the extension \(name).")
        }
        found += egress.flatMap { $0.beyond(granted.egress) }
        for name in Self.limitNames {
            let (old, new) = (granted.limits[name] ?? 0, limits[name] ?? 0)
            if new > old {
                note(
                    "limits", .object([name: Self.number(old)]), .object([name: Self.number(new)]),
                    "Its limit \(name) would go from \(Self.text(old)) to \(Self.text(new)).")
            }
        }
        return found
    }
}

extension Permissions.Endpoint {
    /// What this asks for beyond the endpoints that were granted.
    fileprivate func beyond(_ granted: [Permissions.Endpoint]) -> [PermissionRequest] {
        let near = granted.filter { $0.origin == origin && $0.covers(pathPrefix) }
        // The one that leaves the least to ask for.
        let best = near.map { ($0, beyond($0)) }.min { $0.1.count < $1.1.count }
        if let best { return best.1 }
        return [
            PermissionRequest(
                permission: "egress", granted: nil, asked: json, words: "It wants to have the host call \(words).")
        ]
    }

    private func covers(_ path: String) -> Bool {
        let own = pathPrefix.hasSuffix("/") ? pathPrefix : pathPrefix + "/"
        return path == pathPrefix || path.hasPrefix(own)
    }

    private func beyond(_ old: Permissions.Endpoint) -> [PermissionRequest] {
        let place = origin + pathPrefix
        var found: [PermissionRequest] = []
        func note(_ words: String) {
            found.append(PermissionRequest(permission: "egress", granted: old.json, asked: json, words: words))
        }
        let more = methods.filter { !old.methods.contains($0) }
        if !more.isEmpty { note("It wants the methods \(more.joined(separator: ", ")) at \(place).") }
        if maximumBytes > old.maximumBytes {
            note(
                "It wants to send and get \(Permissions.bytes(Double(maximumBytes))) instead of "
                    + "\(Permissions.bytes(Double(old.maximumBytes))) at \(place).")
        }
        if isLocal, !old.isLocal { note("It says that \(place) is on a private network.") }
        if let secret, secret != old.secret || header != old.header || scheme != old.scheme {
            note("It wants the secret \(secret) to be sent in the header \(self.place) to \(place).")
        }
        return found
    }
}
