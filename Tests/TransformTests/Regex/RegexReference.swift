@testable import Transform

/// Two slow meanings of a pattern, straight from its tree: the longest match by sets of places, and the first match in
/// the order of the pattern by going back. Places are scalars.
struct RegexReference {
    let regex: Regex
    let text: [Unicode.Scalar]

    struct Found: Equatable {
        var start: Int
        var end: Int
        var group: Range<Int>?

        var range: Range<Int> { start..<end }
    }

    /// Where a part can end when it begins at one of several places.
    private func ends(_ node: RegexNode, _ places: Set<Int>) -> Set<Int> {
        switch node.kind {
        case .character(let set):
            return Set(places.filter { $0 < text.count && set.scalars.contains(text[$0].value) }.map { $0 + 1 })
        case .sequence(let parts): return parts.reduce(places) { ends($1, $0) }
        case .choice(let branches): return branches.reduce(into: []) { $0.formUnion(ends($1, places)) }
        case .group(let body): return ends(body, places)
        case .repetition(let body, let least, let most):
            var now = places
            for _ in 0..<least { now = ends(body, now) }
            var all = now
            var round = least
            while !now.isEmpty, most.map({ round < $0 }) ?? true {
                now = ends(body, now).subtracting(most == nil ? all : [])
                all.formUnion(now)
                round += 1
            }
            return all
        }
    }

    /// Leftmost, longest.
    func longest() -> Range<Int>? {
        for start in 0...(regex.startsAtBeginning ? 0 : text.count) {
            let found = ends(regex.tree, [start]).filter { !regex.endsAtEnd || $0 == text.count }
            if let end = found.max() { return start..<end }
        }
        return nil
    }

    private func walk(
        _ node: RegexNode, _ at: Int, _ group: Range<Int>?, _ next: (Int, Range<Int>?) -> Found?
    ) -> Found? {
        switch node.kind {
        case .character(let set):
            return at < text.count && set.scalars.contains(text[at].value) ? next(at + 1, group) : nil
        case .sequence(let parts): return walk(parts[...], at, group, next)
        case .choice(let branches):
            for branch in branches { if let found = walk(branch, at, group, next) { return found } }
            return nil
        case .group(let body): return walk(body, at, group) { end, _ in next(end, at..<end) }
        case .repetition(let body, let least, let most): return round(body, least, most, 0, at, group, next)
        }
    }

    private func walk(
        _ parts: ArraySlice<RegexNode>, _ at: Int, _ group: Range<Int>?, _ next: (Int, Range<Int>?) -> Found?
    ) -> Found? {
        guard let first = parts.first else { return next(at, group) }
        return walk(first, at, group) { walk(parts.dropFirst(), $0, $1, next) }
    }

    private func round(
        _ body: RegexNode, _ least: Int, _ most: Int?, _ done: Int, _ at: Int, _ group: Range<Int>?,
        _ next: (Int, Range<Int>?) -> Found?
    ) -> Found? {
        if most.map({ done < $0 }) ?? true {
            let more = walk(body, at, group) { round(body, least, most, done + 1, $0, $1, next) }
            if let more { return more }
        }
        return done >= least ? next(at, group) : nil
    }

    /// Leftmost, first in the order of the pattern.
    func first() -> Found? {
        for start in 0...(regex.startsAtBeginning ? 0 : text.count) {
            let found = walk(regex.tree, start, nil) { end, group in
                regex.endsAtEnd && end < text.count ? nil : Found(start: start, end: end, group: group)
            }
            if let found { return found }
        }
        return nil
    }
}
