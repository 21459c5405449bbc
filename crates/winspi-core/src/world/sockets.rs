//! The ways to a socket: as a whole, without its counts, or to them alone, as footprints tell them apart.

use crate::footprint::Part;
use crate::id::EndpointId;
use crate::transport::Endpoint;
use crate::world::World;

impl World {
    /// A socket that someone holds.
    ///
    /// Keys come from handles, records and stages, which all count as references; restoring a snapshot checks them.
    pub fn endpoint(&self, id: EndpointId) -> &Endpoint {
        self.reads_counts(id);
        self.socket(id)
    }

    pub(crate) fn endpoint_mut(&mut self, id: EndpointId) -> &mut Endpoint {
        self.reads_counts(id);
        self.socket_mut(id)
    }

    /// The same for who does not look at the counts.
    pub(crate) fn socket(&self, id: EndpointId) -> &Endpoint {
        self.touch();
        self.reads_socket(id);
        self.endpoints.get(id).expect("a referenced socket lives: counted by life.rs, checked by check.rs")
    }

    pub(crate) fn socket_mut(&mut self, id: EndpointId) -> &mut Endpoint {
        self.touch();
        self.reads_socket(id);
        self.endpoints.get_mut(id).expect("a referenced socket lives: counted by life.rs, checked by check.rs")
    }

    /// The same for who looks at nothing but the counts.
    pub(crate) fn counts(&self, id: EndpointId) -> &Endpoint {
        self.touch();
        self.reads_counts(id);
        self.endpoints.get(id).expect("a referenced socket lives: counted by life.rs, checked by check.rs")
    }

    pub(crate) fn counts_mut(&mut self, id: EndpointId) -> &mut Endpoint {
        self.touch();
        self.reads_counts(id);
        self.endpoints.get_mut(id).expect("a referenced socket lives: counted by life.rs, checked by check.rs")
    }

    fn reads_socket(&self, id: EndpointId) {
        if !self.watch.is_on() {
            return;
        }
        let origin = self.endpoints.get(id).map(|endpoint| endpoint.origin).or_else(|| self.watch.of_gone(id.0));
        origin.inspect(|origin| self.reads(Part::Endpoint(*origin)));
    }

    fn reads_counts(&self, id: EndpointId) {
        if !self.watch.is_on() {
            return;
        }
        let origin = self.endpoints.get(id).map(|endpoint| endpoint.origin).or_else(|| self.watch.of_gone(id.0));
        origin.inspect(|origin| self.reads(Part::Counts(*origin)));
    }

    /// A socket, if it lives.
    pub fn find_endpoint(&self, id: EndpointId) -> Option<&Endpoint> {
        self.reads_counts(id);
        self.find_socket(id)
    }

    /// The same for who does not look at the counts.
    pub(crate) fn find_socket(&self, id: EndpointId) -> Option<&Endpoint> {
        self.reads_socket(id);
        self.endpoints.get(id)
    }

    /// The same for who looks at nothing but the counts.
    pub(crate) fn find_counts(&self, id: EndpointId) -> Option<&Endpoint> {
        self.reads_counts(id);
        self.endpoints.get(id)
    }
}
