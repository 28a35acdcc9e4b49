"""The access log, made so that a stranger can check it (SP-29 to SP-34).

merkle      the tree of RFC 6962 as pure functions: what to read, what to compute
notes       signed notes: the log's checkpoints and the witnesses' countersignatures
leaf        what of an event goes into the tree: salted commitments, never the data itself
tree        the stored nodes: roots and proofs with O(log n) rows read
sealing     puts finished rows into the tree and signs a checkpoint, once a minute
checking    goes through everything and names the first fault
forgetting  deletes what is past its time and leaves the proofs whole
receipt     one event with its proof, for the citizen to keep
witness     asks another's log for a proof of consistency and countersigns
export      the whole log as files, and as CEF lines
web         checkpoint and proofs over HTTP
"""
