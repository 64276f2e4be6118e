public import SluiceABI

/// Columns of one length, ready to be handed over as an Arrow struct array.
public struct ArrowBatch {
    public let columns: [ArrowColumn]
    public let rowCount: Int

    /// `rowCount` matters only for a batch without columns; throws when the columns differ in length.
    public init(columns: [ArrowColumn], rowCount: Int? = nil) throws(PluginFailure) {
        self.columns = columns
        self.rowCount = rowCount ?? columns.first?.length ?? 0
        for column in columns where column.length != self.rowCount {
            throw PluginFailure(message: "The columns of a batch differ in length.")
        }
    }

    /// Fill `out` with an array that the receiver owns and releases; the columns live until then.
    ///
    /// A child may be moved out of the struct and outlive it, as the Arrow C Data Interface allows.
    public func export(into out: UnsafeMutablePointer<ArrowArray>) {
        let children = columns.map { column in
            let child = UnsafeMutablePointer<ArrowArray>.allocate(capacity: 1)
            child.initialize(to: ArrowArrayOwner(column: column).array())
            return child
        }
        out.initialize(to: ArrowArrayOwner(children: children, length: rowCount).array())
    }
}

/// What an exported array's `private_data` keeps alive.
private final class ArrowArrayOwner {
    private let column: ArrowColumn?
    private let length: Int
    private let buffers: UnsafeMutableBufferPointer<UnsafeRawPointer?>
    private let children: UnsafeMutableBufferPointer<UnsafeMutablePointer<ArrowArray>?>

    init(column: ArrowColumn) {
        self.column = column
        length = column.length
        buffers = .allocate(capacity: column.buffers.count)
        for (index, buffer) in column.buffers.enumerated() {
            // Consumers may demand a pointer for every buffer but validity, even when it holds no byte.
            if index > 0, buffer?.base == nil { buffer?.append(UInt64(0)) }
            buffers.initializeElement(at: index, to: buffer?.base.map { UnsafeRawPointer($0) })
        }
        children = .allocate(capacity: 0)
    }

    init(children nodes: [UnsafeMutablePointer<ArrowArray>], length: Int) {
        column = nil
        self.length = length
        buffers = .allocate(capacity: 1)
        buffers.initializeElement(at: 0, to: nil)
        children = .allocate(capacity: nodes.count)
        _ = children.initialize(fromContentsOf: nodes)
    }

    deinit {
        for child in children {
            guard let child else { continue }
            // A child that was moved away has no release any more, and is another's to free.
            if let release = child.pointee.release { release(child) }
            child.deallocate()
        }
        children.deallocate()
        buffers.deallocate()
    }

    /// The C view, which holds the one strong reference to this owner.
    func array() -> ArrowArray {
        var array = ArrowArray()
        array.length = Int64(length)
        array.null_count = Int64(column?.nullCount ?? 0)
        array.n_buffers = Int64(buffers.count)
        array.buffers = buffers.baseAddress
        array.n_children = Int64(children.count)
        array.children = children.isEmpty ? nil : children.baseAddress
        array.private_data = Unmanaged.passRetained(self).toOpaque()
        array.release = { itself in
            guard let itself, let owner = itself.pointee.private_data else { return }
            itself.pointee.private_data = nil
            itself.pointee.release = nil
            Unmanaged<ArrowArrayOwner>.fromOpaque(owner).release()
        }
        return array
    }
}
