"""Uploads stop being stored where a form would refuse them anyway: a large file never fills the disk."""

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadhandler import FileUploadHandler


class LimitedUpload(FileUploadHandler):
    """First of the upload handlers: what comes after `UPLOAD_MAX_MB` of a file is read and thrown away.

    The form then sees a file just over the limit and says so beside the field, with everything typed kept. A request of
    more than four times that is not read at all (400).
    """

    def handle_raw_input(self, input_data, META, content_length, boundary, encoding=None):
        self.most = settings.UPLOAD_MAX_MB * 1024 * 1024
        self.taken = 0
        if content_length > 4 * self.most:
            raise RequestDataTooBig("more than four times what any form takes")

    def new_file(self, *args, **kwargs):
        super().new_file(*args, **kwargs)
        self.taken = 0

    def receive_data_chunk(self, raw_data, start):
        if self.taken > self.most:
            return None
        self.taken += len(raw_data)
        return raw_data

    def file_complete(self, file_size):
        return None
