/// Which staged rows follow those that leave: a row goes when the last of the parents that one of its keys refers to goes.
///
/// Rows are known by their ordinals. Every link between two of them is followed at most once, however long a chain is;
/// a link takes 32 to 64 bytes, as the arrays grow.
struct OrphanCascade {
    /// From a parent to the need of a child. Sorted by parent once all are there.
    private var links: [(parent: Int64, need: Int)] = []
    /// A need is one key of one child: whose it is, and how many parents it has left.
    private var children: [Int64] = []
    private var remaining: [Int] = []
    /// Links that were followed.
    private(set) var followed = 0

    /// Rows between two calls of a checkpoint.
    static let step = 4096

    /// Adds a key of one child, and the staged row that it refers to.
    mutating func add(child: Int64, parent: Int64) {
        children.append(child)
        remaining.append(0)
        add(parent: parent)
    }

    /// Adds another parent to the key that was added last: referenced columns need not be unique here.
    mutating func add(parent: Int64) {
        links.append((parent, children.count - 1))
        remaining[children.count - 1] += 1
    }

    /// The rows that go because those of `leaving` do, and that are not among them.
    ///
    /// - Parameter checkpoint: called every `step` rows; what it throws ends the search.
    mutating func followers(of leaving: Set<Int64>, checkpoint: () throws -> Void) rethrows -> Set<Int64> {
        links.sort { $0.parent < $1.parent }
        var found: Set<Int64> = []
        var waiting = Array(leaving)
        var rows = 0
        while let gone = waiting.popLast() {
            rows += 1
            if rows.isMultiple(of: Self.step) { try checkpoint() }
            var place = firstLink(of: gone)
            while place < links.count, links[place].parent == gone {
                let need = links[place].need
                followed += 1
                remaining[need] -= 1
                if remaining[need] == 0, found.insert(children[need]).inserted, !leaving.contains(children[need]) {
                    waiting.append(children[need])
                }
                place += 1
            }
        }
        return found
    }

    private func firstLink(of parent: Int64) -> Int {
        var low = 0
        var high = links.count
        while low < high {
            let middle = low + (high - low) / 2
            if links[middle].parent < parent { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
